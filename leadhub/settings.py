"""All settings, read from the environment; `.env.example` explains each."""

from pathlib import Path
from typing import Any

import environ

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
LEADHUB_DATA = Path(env.str("LEADHUB_DATA", default=str(BASE_DIR / ".leadhub")))
LEADHUB_BASE_URL = env.str("LEADHUB_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "leadhub.core",
    "leadhub.demo",
    "partners",
    "leads",
    "kpis",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "partners.middleware.MembershipMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "leadhub.urls"
# A call without its last slash is not found; to redirect it would drop its body.
APPEND_SLASH = False
WSGI_APPLICATION = "leadhub.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# The runtime role answers requests and runs tasks; the owner role only migrates. Row level
# security binds the first and would be pointless if both were one.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", default="postgres://leadhub_app@127.0.0.1:5432/leadhub"),
    "owner": env.db(
        "DATABASE_OWNER_URL", default="postgres://leadhub_owner@127.0.0.1:5432/leadhub"
    ),
}
for _database in DATABASES.values():
    _database["OPTIONS"] = {"connect_timeout": 5, **_database.get("OPTIONS", {})}
# The plans of prepared statements are to be made once, not with every set of parameters.
DATABASES["default"]["OPTIONS"]["options"] = "-c plan_cache_mode=force_generic_plan"
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_ROUTERS = ["leadhub.core.tenancy.routers.OwnerOnlyMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "partners.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = LEADHUB_DATA / "static"
WHITENOISE_USE_FINDERS = True

# A bulk request of 1,000 leads takes about 1 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
API_BODY_MAX_BYTES = 1024 * 1024
API_BULK_BODY_MAX_BYTES = 4 * 1024 * 1024

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# E-mail: an SMTP server by EMAIL_URL (smtp+tls://user:password@host:587), else files under the data
# directory, so that nothing is sent by accident.
if env.str("EMAIL_URL", default=""):
    vars().update(env.email("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(LEADHUB_DATA / "mail")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="leadhub <leads@leadhub.example>")

# Celery does what is due; what is due stands in the database. Publishing must never block a
# request, a lost task must not matter, and a result is nobody's business.
CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TIMEZONE = "UTC"
# A tick that waited longer than its successor's arrival is of no use: it expires.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "leads.tasks.sweep", "schedule": 1.0, "options": {"expires": 2}},
    "deliver": {"task": "leads.tasks.deliver", "schedule": 1.0, "options": {"expires": 2}},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["partners.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["partners.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["leadhub.core.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["leadhub.core.api.parsing.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "leadhub.core.api.schema.Schema",
    "EXCEPTION_HANDLER": "leadhub.core.api.problems.answer_problem",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "leadhub.core.api.rendering.AlwaysJSON",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "leadhub API",
    "DESCRIPTION": "Leads in, offers out, and the figures of what became of them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        name: f"leads.api.words.{name_of_words}"
        for name, name_of_words in (
            ("LeadStatus", "LEAD_STATUSES"),
            ("OfferStatus", "OFFER_STATUSES"),
            ("FeedbackStatus", "FEEDBACK_STATUSES"),
            ("DeclineReason", "DECLINE_REASONS"),
            ("LostReason", "LOST_REASONS"),
            ("ReturnReason", "RETURN_REASONS"),
            ("Closing", "CLOSINGS"),
            ("Outcome", "OUTCOMES"),
        )
    }
    | {"PartnerStatus": "partners.api.serializers.STATUSES"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "leadhub.core.api.schema.add_problem",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
