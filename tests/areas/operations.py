"""Addresses for whoever runs the installation; without METRICS_TOKEN there is nothing to see."""

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    metrics_show             GET     404     404     404     404     404     404     404     404     404
"""
