# The backend on an NVIDIA GPU: descriptors by CUDA, decoding by NVDEC. linux/amd64; the host needs a driver for
# CUDA 12 and the NVIDIA container toolkit. Build from the repository root:
#   docker build -f infra/docker/backend-gpu.Dockerfile .
# Pinned by version; by digest with --build-arg CUDA_IMAGE=nvidia/cuda@sha256:… (docs/deployment.md).
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
# CUDA 12 with cuDNN 9, which ONNX Runtime's CUDA 12 provider is built for.
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04
# As in backend.Dockerfile; these are Ubuntu's.
ARG FFMPEG_VERSION=7:6.1.1-3ubuntu5
ARG BUBBLEWRAP_VERSION=0.9.0-1ubuntu0.1

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /srv/twinframe
COPY package.json package-lock.json ./
COPY shared/package.json shared/
COPY gpu-backend/package.json gpu-backend/
COPY edge/package.json edge/
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund -w @twinframe/gpu-backend -w @twinframe/shared
# The CUDA provider is too large for npm: onnxruntime-node's own script fetches it. TensorRT's needs libraries that
# this image does not have.
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js \
    && test -s node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so \
    && rm -f node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_tensorrt.so

FROM ${CUDA_IMAGE}
ARG FFMPEG_VERSION
ARG BUBBLEWRAP_VERSION
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        "ffmpeg=${FFMPEG_VERSION}" "bubblewrap=${BUBBLEWRAP_VERSION}" \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 1000 -g 1000 /var/lib/twinframe
COPY --from=dependencies /usr/local/bin/node /usr/local/bin/node
WORKDIR /srv/twinframe
COPY --from=dependencies /srv/twinframe/ ./
COPY shared/src shared/src
COPY gpu-backend/src gpu-backend/src
COPY gpu-backend/models gpu-backend/models

USER 1000:1000
# `video` makes the container toolkit bring in NVDEC's library.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    TWINFRAME_MEDIA_SANDBOX=required \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility,video \
    CUDA_CACHE_PATH=/tmp/cuda \
    TWINFRAME_EXECUTION_PROVIDERS=cuda,cpu \
    TWINFRAME_HWACCEL=cuda \
    TWINFRAME_BACKEND_HOST=0.0.0.0 \
    TWINFRAME_BACKEND_STATE=/var/lib/twinframe \
    TWINFRAME_DRAIN_NOTICE_MS=3000
VOLUME /var/lib/twinframe
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "gpu-backend/src/server.ts"]
