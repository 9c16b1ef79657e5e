# The whole site in one image: web server and worker, on Python alone.
#   docker build -t faceswap-site .
#   docker build -t faceswap-site --build-arg EXTRAS= .     without HEIC (its library is GPL)
# It needs one writable folder, /data, and a tmpfs at /tmp; docs/operations.md says how to run it.
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim-bookworm AS builder
ARG EXTRAS=heif
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON=/usr/local/bin/python3 \
    UV_PYTHON_DOWNLOADS=never
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check 'uv~=0.13.9'
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev $(for extra in $EXTRAS; do echo --extra $extra; done)
COPY LICENSE manage.py ./
COPY faceswap_site ./faceswap_site
COPY swaps ./swaps
COPY static ./static
COPY templates ./templates
RUN python3 -m compileall -q faceswap_site swaps

FROM python:${PYTHON_VERSION}-slim-bookworm
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8000
RUN groupadd --gid 10001 faceswap \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin faceswap \
    && install -d -o faceswap -g faceswap -m 0700 /data
WORKDIR /app
COPY --from=builder /app /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "-m", "faceswap_site.alive"]
CMD ["python", "-m", "faceswap_site.supervisor"]
