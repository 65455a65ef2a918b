NAME = "masquerade"
SUMMARY = ""
