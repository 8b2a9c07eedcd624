"""商流, first room: trade documents as others sent them (orders, deliveries, contracts, invoices), and their import."""
