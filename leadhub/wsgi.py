"""The WSGI application that the web server loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from leadhub.core.tenancy.roles import refuse_to_start_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadhub.settings")

application = get_wsgi_application()
refuse_to_start_unsafe()

# What is loaded by now stays: the collector need not pass over it again and again, nor touch what
# the workers, forked from here, share.
gc.collect()
gc.freeze()
