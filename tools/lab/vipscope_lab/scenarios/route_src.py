NAME = "route_src"
SUMMARY = ""
