# All of Weft's programs in one image: docker build --tag registry.example/weft:0.1.0 .
# Built for the processor it is built on or, with --platform, under emulation of another.

# Any Debian or Ubuntu whose packages have the .NET SDK 10 and clang 16 or later.
ARG BUILD_IMAGE=ubuntu:24.04

FROM ${BUILD_IMAGE} AS build
WORKDIR /weft
# What is installed changes less often than the sources.
COPY global.json ./
COPY scripts/setup.sh scripts/llvm.sh scripts/
RUN scripts/setup.sh build
COPY . .
RUN make image-root

FROM scratch
COPY --from=build /weft/out/image /
# Certificates of public authorities, for a kubeconfig that names no other.
ENV PATH=/usr/bin SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
