"""The office's own paper forms (登记卡, 台账, 公示单), filled from a record or a list."""
