"""The WSGI application that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

from leadhub.core.tenancy.roles import refuse_to_start_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadhub.settings")

application = get_wsgi_application()
refuse_to_start_unsafe()
