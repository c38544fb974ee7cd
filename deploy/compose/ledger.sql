-- the ledger's database, beside the one of Dagster that the image makes by itself
create database mbr_ledger;
