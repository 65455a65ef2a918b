NAME = "snat"
SUMMARY = ""
