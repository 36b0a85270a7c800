# The backend on the CPU. Build from the repository root: docker build -f infra/docker/backend.Dockerfile .
# Pinned by version; by digest with --build-arg NODE_IMAGE=node@sha256:… (docs/deployment.md).
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
# Debian keeps the latest version only: when the build says that one of these is not found, there has been a security
# fix. Read what it changes, test with it, and raise the version here.
ARG FFMPEG_VERSION=7:5.1.9-0+deb12u1
ARG BUBBLEWRAP_VERSION=0.8.0-2+deb12u1

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /srv/twinframe
COPY package.json package-lock.json ./
COPY shared/package.json shared/
COPY gpu-backend/package.json gpu-backend/
COPY edge/package.json edge/
# Only the backend's dependencies; workspaces stay links, since Node strips no types below node_modules.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund -w @twinframe/gpu-backend -w @twinframe/shared

FROM ${NODE_IMAGE}
ARG FFMPEG_VERSION
ARG BUBBLEWRAP_VERSION
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        "ffmpeg=${FFMPEG_VERSION}" "bubblewrap=${BUBBLEWRAP_VERSION}" \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 1000 -g 1000 /var/lib/twinframe
WORKDIR /srv/twinframe
COPY --from=dependencies /srv/twinframe/ ./
COPY shared/src shared/src
COPY gpu-backend/src gpu-backend/src
COPY gpu-backend/models gpu-backend/models

USER 1000:1000
# Few malloc arenas and small young generations: 150 MB less with four large videos at once.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    TWINFRAME_MEDIA_SANDBOX=required \
    TWINFRAME_BACKEND_HOST=0.0.0.0 \
    TWINFRAME_BACKEND_STATE=/var/lib/twinframe \
    TWINFRAME_DRAIN_NOTICE_MS=3000
VOLUME /var/lib/twinframe
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "gpu-backend/src/server.ts"]
