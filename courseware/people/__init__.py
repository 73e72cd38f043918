"""Who may do what: accounts, classes, enrolments, roles, sessions and the set work of a class."""
