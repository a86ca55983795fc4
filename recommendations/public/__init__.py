"""The public site: its pages, files, feeds and addresses, for readers who are anonymous and get no cookie."""
