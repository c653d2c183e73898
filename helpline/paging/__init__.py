"""Telling staff: cases planned and committed, pages and letters handed to the carrier, words passed on."""
