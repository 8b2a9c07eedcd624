from fourflow.interfaces.cli.main import main

main()
