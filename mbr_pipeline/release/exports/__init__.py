"""Files that leave the house: what other systems take of a closed month (contract §10)."""
