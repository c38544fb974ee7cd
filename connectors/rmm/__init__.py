"""Remote monitoring and management: which devices of which client the MSP looks after. One declaration per system."""
