# The image of docker-compose.yml. `bin/run` needs no container.
FROM python:3.11-slim AS packages
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/srv/leadhub
WORKDIR /srv/leadhub
COPY requirements/base.txt requirements/
RUN pip install --no-cache-dir --require-hashes --no-deps --requirement requirements/base.txt

# Styles, scripts and translations, made as bin/run makes them; what only the build needs stays here.
FROM packages AS build
COPY . .
RUN python -m leadhub.embedded build || { cat .leadhub/log/build.log; exit 1; }
RUN rm -rf .leadhub .venv assets/node_modules

# WhiteNoise serves the built files from where they are: nothing has to be collected.
FROM packages
RUN useradd --system --uid 1000 leadhub \
 && install --directory --owner leadhub --mode 0700 /data /backups
COPY --from=build /srv/leadhub .
ENV LEADHUB_DATA=/data DJANGO_SETTINGS_MODULE=leadhub.settings
USER leadhub
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "leadhub/embedded/probe.py", "web"]
CMD ["gunicorn", "leadhub.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", \
     "--workers=2", "--threads=4", "--preload", "--worker-tmp-dir=/dev/shm", "--no-control-socket", \
     "--logger-class=leadhub.core.access_log.DiscreetLogger"]
