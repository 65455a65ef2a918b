NAME = "demo"
SUMMARY = ""
