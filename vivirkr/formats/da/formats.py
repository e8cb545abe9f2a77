"""What Danes also type for a date; Django's own takes points only. The rest is Django's."""

DATE_INPUT_FORMATS = ["%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y"]
