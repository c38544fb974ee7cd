"""Microsoft: the CSP bill, from Partner Center or Microsoft Graph or as a file from the portal, and each tenant's licences.

Belongs here: one declaration per system, and what they share: the mapping of billing records (``lines``), the vendor's rounding
(``rounding``), the list of invoices (``invoices``). Does not: the conversation of an export (``connectors.http.exports``).
"""
