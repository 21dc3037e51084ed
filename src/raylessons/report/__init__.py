"""A report for everybody: any program recorded, summed up, and written as one file of HTML.

Take `program` (what a report is about), `summary` (the figures of a trace), `page` (the report),
`files` (programs and traces as JSON) and `running` (run a script unchanged, and record it).
"""
