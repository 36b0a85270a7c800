# The backend on the CPU. Build from the repository root: docker build -f infra/docker/backend.Dockerfile .
FROM node:24-bookworm-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /srv/twinframe
COPY package.json package-lock.json ./
COPY shared/package.json shared/
COPY gpu-backend/package.json gpu-backend/
COPY edge/package.json edge/
# Only the backend's dependencies; workspaces stay links, since Node strips no types below node_modules.
RUN npm ci --omit=dev --omit=optional --ignore-scripts -w @twinframe/gpu-backend -w @twinframe/shared \
    && npm cache clean --force
COPY shared/src shared/src
COPY gpu-backend/src gpu-backend/src
COPY gpu-backend/models gpu-backend/models

RUN install -d -o node -g node /var/lib/twinframe
USER node
# Few malloc arenas and small young generations: 150 MB less with four large videos at once.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    TWINFRAME_BACKEND_HOST=0.0.0.0 \
    TWINFRAME_BACKEND_STATE=/var/lib/twinframe
VOLUME /var/lib/twinframe
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "gpu-backend/src/server.ts"]
