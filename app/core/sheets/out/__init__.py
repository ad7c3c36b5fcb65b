"""Workbooks out: lists, blank templates, and the sheet that came in with its faults marked."""
