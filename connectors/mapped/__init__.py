"""Any vendor's file, read by a profile in `mbr.yml`."""
