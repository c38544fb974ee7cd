"""Security vendors that bill the MSP for what they watch over at its clients. One declaration per system."""
