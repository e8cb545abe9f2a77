FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.12-slim AS build
WORKDIR /app
RUN python -m venv .venv
ENV PATH=/app/.venv/bin:$PATH
COPY requirements.txt ./
RUN pip install --no-cache-dir --no-deps --require-hashes --only-binary=:all: -r requirements.txt
COPY . .
COPY --from=packages /app/node_modules node_modules
# collectstatic imports the settings but talks to no server; none of these reaches the image.
RUN python scripts/assets.py \
 && NONE=$(head -c 32 /dev/zero | base64) \
 && DJANGO_SECRET_KEY=build VIVIRKR_ENCRYPTION_KEYS=none:$NONE VIVIRKR_INDEX_KEY=$NONE \
    DATABASE_URL=postgresql://none/none REDIS_URL=redis://none \
    python manage.py collectstatic --noinput \
 && rm -r node_modules

# What runs: no npm, no root, nothing that a request could overwrite.
FROM python:3.12-slim
# What lays out the PDFs.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --home-dir /var/lib/vivirkr vivirkr \
 && install --directory --owner=vivirkr --mode=700 /var/lib/vivirkr/files
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER vivirkr
EXPOSE 8000
CMD ["gunicorn", "--bind=0.0.0.0:8000", "vivirkr.wsgi"]
