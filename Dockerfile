# MBR from its wheel (`uv build` first), with the hashed lock, for a user without rights: docs/how-to/install.md.
# Not built in CI.
FROM python:3.11-slim
# for workers on several machines: requirements-distributed.lock (docs/how-to/spread-over-machines.md)
ARG LOCK=requirements.lock
COPY ${LOCK} dist/*.whl /tmp/install/
RUN python -m venv /opt/mbr \
 && /opt/mbr/bin/pip install --no-cache-dir --require-hashes --no-deps -r /tmp/install/${LOCK} \
 && /opt/mbr/bin/pip install --no-cache-dir --no-deps /tmp/install/*.whl \
 && rm -r /tmp/install \
 && useradd --uid 10001 --create-home mbr \
 && install -d -o mbr /workspace \
 && install -d -o mbr -g mbr -m 0750 /run/mbr-ui
# `docker run --user` may name anybody: what is compiled goes where everybody may write
ENV PATH=/opt/mbr/bin:$PATH \
    MBR_CACHE_DIR=/tmp/mbr-cache \
    MBR_WORKSPACE=/workspace \
    PYTHONUNBUFFERED=1
USER mbr
VOLUME /workspace
WORKDIR /workspace
ENTRYPOINT ["mbr"]
CMD ["--help"]
