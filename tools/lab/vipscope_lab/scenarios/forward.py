NAME = "forward"
SUMMARY = ""
