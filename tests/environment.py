"""The environment variables that the tracker reads."""

VARIABLES = (
    *(
        "ALLOWED_HOSTS",
        "BACKUP_KEYS",
        "DATABASE_URL",
        "DEBUG",
        "EMAIL_URL",
        "ERRORS_TO",
        "HSTS_PRELOAD",
        "PDF_MEGABYTES",
        "PDF_SECONDS",
    ),
    *("SECRET_KEY", "SITE_URL", "TIME_ZONE"),
)
