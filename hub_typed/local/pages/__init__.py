"""Pages of the embedded Hub for browsers: HTML made on the server, plain forms, no script."""
