# The image of docker-compose.yml. `bin/run` needs no container.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/srv/leadhub
WORKDIR /srv/leadhub
COPY requirements/base.txt requirements/
RUN pip install --no-cache-dir --require-hashes --no-deps --requirement requirements/base.txt \
 && useradd --system --uid 1000 leadhub \
 && install --directory --owner leadhub --mode 0700 /data
COPY . .
USER leadhub
VOLUME /data
