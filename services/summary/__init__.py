"""The figures of each day, sent to people by e-mail and to programs by webhook."""
