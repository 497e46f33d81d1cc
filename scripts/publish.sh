#!/usr/bin/env bash
# publish.sh FOLDER BINARY: compiles the project in FOLDER to one native program at BINARY.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1 binary=$2
name=${binary##*/}

dotnet publish "$folder" -c Release -o "out/publish/$name" --nologo -v quiet -tl:off -clp:ErrorsOnly
# By rename: a running agent keeps its old file, and nobody ever executes half of a new one.
cp "out/publish/$name/$name" "$binary.new"
mv "$binary.new" "$binary"
