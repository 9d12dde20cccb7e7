"""The archive for other programs: WACZ, CDXJ, a pywb collection. Reads finished files only, takes no lock."""
