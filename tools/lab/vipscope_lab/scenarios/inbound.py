NAME = "inbound"
SUMMARY = ""
