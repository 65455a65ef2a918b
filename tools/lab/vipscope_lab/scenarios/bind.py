NAME = "bind"
SUMMARY = ""
