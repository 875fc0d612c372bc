// What the tests call: everything a page would import, under one name.
import * as core from "@hessia/core";
import * as gpu from "@hessia/core/gpu";
import * as kernel from "@hessia/core/kernel";
import * as linear from "@hessia/core/linear";
import * as wasm from "@hessia/core/wasm";
import * as newton from "@hessia/newton";
import * as sinkhorn from "@hessia/sinkhorn";

globalThis.hessia = { core, gpu, kernel, linear, newton, sinkhorn, wasm, gpuJs: () => import("gpu.js") };
