"""Papers: agreements, certificates and notices as sealed PDFs, made of what the modules' queries give."""
