"""Dates and times in French as they are written in Canada: 1er juin 2020, 9 h 05.

The first of a month is the one day with an ordinal number; `text/dates.py` asks for it. Django's own format of the time
for Canadian French takes its “h” for the hour again.
"""

FIRST_OF_MONTH_FORMAT = r"j\e\r F Y"
TIME_FORMAT = "G\xa0\\h\xa0i"
DATETIME_FORMAT = "j F Y, G\xa0\\h\xa0i"
