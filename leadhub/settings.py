"""All settings, read from the environment; `.env.example` explains each."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from leadhub.core.rate_limits import Limit

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

SHORTEST_TOKEN = 16

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
LEADHUB_DATA = Path(env.str("LEADHUB_DATA", default=str(BASE_DIR / ".leadhub")))
LEADHUB_BASE_URL = env.str("LEADHUB_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    # Both would set the template loaders; ours, below, combine them.
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "django_vite",
    "lucide",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "leadhub.core",
    "leadhub.demo",
    "leadhub.backups",
    "partners",
    "leads",
    "kpis",
]

MIDDLEWARE = [
    "leadhub.core.log_context.RequestIds",
    "leadhub.core.metrics.RequestTimes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "leadhub.core.pages.headers.PermissionsPolicy",
    "leadhub.core.pages.wellformed.WellFormedRequests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "csp.middleware.CSPMiddleware",
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
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "leadhub.core.templatetags.shown",
            ],
        },
    }
]
COTTON_DIR = "components"

# The runtime role answers requests and runs tasks; the owner role only migrates. Row level
# security binds the first and would be pointless if both were one.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", default="postgres://leadhub_app@127.0.0.1:5432/leadhub"),
    "owner": env.db(
        "DATABASE_OWNER_URL", default="postgres://leadhub_owner@127.0.0.1:5432/leadhub"
    ),
}
# For `manage.py backup` alone: a role that may copy the server; bin/manage has it if embedded.
DATABASE_BACKUP_URL = env.str("DATABASE_BACKUP_URL", default="")
for _database in DATABASES.values():
    _database["OPTIONS"] = {"connect_timeout": 5, **_database.get("OPTIONS", {})}
# The plans of prepared statements are to be made once, not with every set of parameters.
DATABASES["default"]["OPTIONS"]["options"] = "-c plan_cache_mode=force_generic_plan"
# Refuses a role that row level security does not bind, and statements without a context.
DATABASES["default"]["ENGINE"] = "leadhub.core.tenancy.database"
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_ROUTERS = ["leadhub.core.tenancy.routers.OwnerOnlyMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "partners.User"
# Kept with the session: a message must not outlive the log-in it was for.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Logging in, second factors and sessions are allauth's; what is ours stands in partners.identity.
# People are known by the e-mail address in partners.User alone, and come by invitation only.
ACCOUNT_ADAPTER = "partners.identity.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# An answer must not tell whether an address has an account, nor a mail tell strangers about us.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = (  # allauth's own looks for addresses kept elsewhere
    "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 - a class
)
PASSWORD_RESET_TIMEOUT = 2 * 3_600
ACCOUNT_FORMS = {
    "login": "partners.identity.forms.LogInForm",
    "reauthenticate": "partners.identity.forms.PasswordAgainForm",
    "request_login_code": "partners.identity.forms.AskForCodeForm",
    "confirm_login_code": "partners.identity.forms.TypeCodeForm",
    "reset_password": "partners.identity.forms.AskForNewPasswordForm",
    "reset_password_from_key": "partners.identity.forms.NewPasswordForm",
    "change_password": "partners.identity.forms.ChangePasswordForm",
    "set_password": "partners.identity.forms.FirstPasswordForm",
}
# Wrong passwords are counted per address together with where they come from, so that nobody can
# lock out an owner who comes from elsewhere. So are mails, which otherwise anybody could use up
# for the owner; per address alone there is a higher limit, so that no mailbox is flooded.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "mail_from_here": "5/10m/key",
    "reset_password": "20/m/ip,20/10m/key",
    "request_login_code": "20/m/ip,20/10m/key",
    "device_code": "20/m/ip,20/10m/key",
    "device_code_tried": "3/10m/key",
}
# Manufacturers' own providers. A link leads there, as no form may leave by our policy; what
# providers say is used for the log-in alone, and kept nowhere.
SOCIALACCOUNT_ADAPTER = "partners.identity.provider.ProviderAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
MFA_ADAPTER = "partners.identity.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "leadhub"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "partners.identity.forms.SecondFactorForm",
    "reauthenticate": "partners.identity.forms.SecondFactorAgainForm",
    "activate_totp": "partners.identity.forms.ActivateAppForm",
    "add_webauthn": "partners.identity.forms.AddPasskeyForm",
    "authenticate_webauthn": "partners.identity.forms.PasskeyForm",
    "login_webauthn": "partners.identity.forms.PasskeyLogInForm",
    "reauthenticate_webauthn": "partners.identity.forms.PasskeyAgainForm",
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["leadhub.core.formats"]
USE_THOUSAND_SEPARATOR = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# The build of assets/ puts its files, named by their content, where WhiteNoise finds them.
STATIC_URL = "/static/"
STATIC_ROOT = LEADHUB_DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "assets" / "dist"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8}\.\w+$"
DJANGO_VITE = {
    "default": {
        "dev_mode": env.bool("DJANGO_VITE_DEV_MODE", default=False),
        "manifest_path": BASE_DIR / "assets" / "dist" / "manifest.json",
    }
}

# A bulk request of 1,000 leads takes about 1 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
API_BODY_MAX_BYTES = 1024 * 1024
API_BULK_BODY_MAX_BYTES = 4 * 1024 * 1024
# A form of a page with the largest picture that is taken, and what stands around it.
FORM_MAX_BYTES = 21 * 1024 * 1024

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Behind so many proxies: they say whether a request came by https, and from where.
LEADHUB_PROXIES = env.int(
    "LEADHUB_PROXIES", default=1 if LEADHUB_BASE_URL.startswith("https://") else 0
)
IS_HTTPS = LEADHUB_BASE_URL.startswith("https://")
if LEADHUB_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Preloading concerns a whole domain, of which this installation may be a small part.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
# A cookie of this prefix comes from this very host, by https; over plain http on loopback there is
# none of the kind.
if IS_HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_TRUSTED_ORIGINS = [LEADHUB_BASE_URL] if IS_HTTPS else []
# Browsers know passkeys of pages that come by HTTPS, and of http://localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
CSRF_FAILURE_VIEW = "partners.views.errors.form_expired"
LOGIN_URL = "person-log-in"
LOGIN_REDIRECT_URL = "home"
# No script or style stands in a page, and nothing comes from another host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Requests to addresses that tenants name go to public addresses, on these ports, by https. Networks
# named here are refused besides the private ones; loopback and http are for tests alone.
OUTGOING_PORTS = [int(port) for port in env.list("OUTGOING_PORTS", default=["443", "8443"])]
OUTGOING_FORBIDDEN_NETWORKS: list[str] = env.list("OUTGOING_FORBIDDEN_NETWORKS", default=[])
OUTGOING_MAY_REACH_LOOPBACK = env.bool("OUTGOING_MAY_REACH_LOOPBACK", default=False)

# E-mail: an SMTP server by EMAIL_URL (smtp+tls://user:password@host:587), else files under the data
# directory, so that nothing is sent by accident.
if env.str("EMAIL_URL", default=""):
    vars().update(env.email("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(LEADHUB_DATA / "mail")
EMAIL_TIMEOUT = 10
# Text messages: by the HTTP interface of a provider that SMS_URL names, with the JSON it wants;
# "log:" writes to the log that there was one. Unset, nobody is offered any.
SMS_URL = env.str("SMS_URL", default="")
SMS_HEADERS: dict[str, str] = env.json("SMS_HEADERS", default={})
SMS_BODY: Any = env.json("SMS_BODY", default={"to": "{to}", "text": "{text}", "id": "{id}"})
# What became of a message is known for so long; then its row goes. Never before the last attempt.
_days_kept = env.int("MESSAGES_KEPT_DAYS", default=90)
if _days_kept < 7:  # noqa: PLR2004 - a week
    _message = "MESSAGES_KEPT_DAYS must be 7 at least: a message is tried for three days."
    raise ImproperlyConfigured(_message)
MESSAGES_KEPT = timedelta(days=_days_kept)
# Who we are to push services of browsers: made when first needed; several machines share one file.
VAPID_KEY_FILE = env.str("VAPID_KEY_FILE", default=str(LEADHUB_DATA / "vapid.pem"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="leadhub <leads@leadhub.example>")

# Counters of attempts and used codes, shared by all processes; without Redis each counts alone.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "leadhub.core.caching.PatientCache",
        "LOCATION": env.str("REDIS_URL", default="redis://127.0.0.1:6379/0"),
        "KEY_PREFIX": "leadhub",
        "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.3},
    }
}

# Celery does what is due; what is due stands in the database. Publishing must never block a
# request, a lost task must not matter, and a result is nobody's business.
CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    # Of publishing alone: one try, no waiting in between.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TIMEZONE = "UTC"
# Called by a thread of its own after each commit with news; "" leaves all to the schedule.
DOORBELL = "leadhub.celery.ring"
# A tick that waited longer than its successor's arrival is of no use: it expires.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "leads.tasks.sweep", "schedule": 1.0, "options": {"expires": 2}},
    "send-letters": {
        "task": "leads.tasks.send_letters",
        "schedule": 1.0,
        "options": {"expires": 2},
    },
    "replay": {"task": "leads.tasks.replay", "schedule": 1.0, "options": {"expires": 2}},
    "import-files": {
        "task": "partners.tasks.import_files",
        "schedule": 1.0,
        "options": {"expires": 2},
    },
    "spread": {"task": "leads.tasks.spread", "schedule": 1.0, "options": {"expires": 2}},
    "fan-out": {"task": "leads.tasks.fan_out", "schedule": 1.0, "options": {"expires": 2}},
    **{
        f"deliver-{channel.lower()}": {
            "task": "leads.tasks.deliver",
            "args": (channel,),
            "schedule": 1.0,
            "options": {"expires": 2},
        }
        for channel in ("EMAIL", "PUSH", "SMS", "WEBHOOK")
    },
    "write-digests": {
        "task": "leads.tasks.write_digests",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "take-checkpoints": {
        "task": "leads.tasks.take_checkpoints",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "erase-overdue": {
        "task": "leads.tasks.erase_overdue",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "forget-late-answers": {
        "task": "leads.tasks.forget_late_answers",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "forget-old-webhooks": {
        "task": "leads.tasks.forget_old_webhooks",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "count-missed-leads": {
        "task": "leads.tasks.count_missed_leads",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "compare-partners": {
        "task": "kpis.tasks.compare_partners",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "refresh-performance": {
        "task": "leads.tasks.refresh_performance",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "forget-imports": {
        "task": "partners.tasks.forget_imports",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "purge-expired": {
        "task": "leads.tasks.purge_expired",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
}

# What apps above that of the timers count beside the sweep: called with the instant, as ``at``.
COUNTED_BESIDE = ["kpis.comparing.compare_due_networks"]

# Who knows what rows of an uploaded file mean: kind of import -> importer.
IMPORTERS = {
    "PARTNERS": "partners.imports.importer.PARTNERS",
    "HISTORY": "kpis.history.importer.HISTORY",
}

# How often one may ask: requests a second and at once, for each key, tenant, person, and address
# without a valid key or log-in; and how often a form on a manufacturer's site is sent, for each
# form and each address. Counted in Redis; without an answer of it nothing is limited.
RATE_LIMIT_URL = CELERY_BROKER_URL
RATE_LIMITS: dict[str, Limit] = {
    kind: Limit(rate=float(rate), burst=int(burst))
    for kind, usual in (
        ("key", "100/300"),
        ("tenant", "2000/6000"),
        ("account", "50/300"),
        ("address", "10/100"),
        ("form", "2/120"),
        ("sender", "0.1/20"),
    )
    if "/" in (amounts := env.str(f"RATE_LIMIT_{kind.upper()}", default=usual))
    for rate, burst in [amounts.split("/")]
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
    "EXTERNAL_DOCS": {"description": "Integrate in ten minutes", "url": "/api/docs/integrate.md"},
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
    | {
        "ExclusionKind": "partners.api.availability.KINDS",
        "MaterialKind": "partners.api.materials.KINDS",
        "MaterialLanguage": "partners.api.materials.LANGUAGES",
        "Language": "partners.api.serializers.LANGUAGES",
        "PartnerStatus": "partners.api.serializers.STATUSES",
        "PartnerRole": "partners.api.invitations.ROLES",
        "Role": "partners.api.users.ROLES",
        "EventType": "leads.webhooks.subscriptions.EVENT_TYPES",
        "WebhookMessageType": "leads.api.webhook_shapes.MESSAGE_TYPES",
        "WebhookMessageStatus": "leads.webhooks.log.STATUSES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "leadhub.core.api.schema.add_problem",
    ],
}

# Logs are lines for people ("line") or objects for programs ("json").
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "chosen": {"()": "leadhub.core.logs.make_formatter", "form": LOG_FORMAT},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "chosen"},
        "metrics": {"class": "leadhub.core.metrics.ErrorCounter", "level": "ERROR"},
    },
    "root": {"handlers": ["console", "metrics"], "level": env.str("LOG_LEVEL", default="INFO")},
}
# Whoever knows it may read /metrics; unset, nothing is counted and there is no such address.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if 0 < len(METRICS_TOKEN) < SHORTEST_TOKEN:
    msg = f"METRICS_TOKEN has to be {SHORTEST_TOKEN} characters long or longer."
    raise ImproperlyConfigured(msg)
