"""One parser for each kind of report: text to DesignReports."""
