"""The practice CRM: its tables, base data, journal, verbs, scenarios and checks. No request, form or page lives here."""
