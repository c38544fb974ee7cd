"""Object stores behind one small interface: a bucket of an S3 server, or a folder."""
