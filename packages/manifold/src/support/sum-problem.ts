// f(x) = s + sin s with s = Σ fᵢ(xᵢ): functions of parts, coupled.
import type { HasGradient, HasHessianApply, HasValue, Vector } from "@hessia/core";
import { dot } from "@hessia/core/linear";

type Problem = HasValue & HasGradient & HasHessianApply;

export function sumProblem(parts: readonly Problem[]): Problem {
  const starts = [0];
  for (const part of parts) starts.push(starts.at(-1)! + part.dimension);
  const view = (x: Vector, i: number) => x.subarray(starts[i], starts[i + 1]);
  const total = (x: Vector) => parts.reduce((sum, part, i) => sum + part.value(view(x, i)), 0);
  const gradients = (out: Vector, x: Vector) => {
    parts.forEach((part, i) => {
      part.gradientInto(view(out, i), view(x, i));
    });
    return out;
  };
  return {
    dimension: starts.at(-1)!,
    value(x) {
      const s = total(x);
      return s + Math.sin(s);
    },
    gradientInto(out, x) {
      const slope = 1 + Math.cos(total(x));
      gradients(out, x);
      for (let k = 0; k < out.length; k++) out[k] *= slope;
      return out;
    },
    hessianApplyInto(out, x, u) {
      const s = total(x);
      const gradient = gradients(new Float64Array(x.length), x);
      const along = -Math.sin(s) * dot(gradient, u);
      parts.forEach((part, i) => {
        part.hessianApplyInto(view(out, i), view(x, i), view(u, i));
      });
      for (let k = 0; k < out.length; k++) out[k] = (1 + Math.cos(s)) * out[k] + along * gradient[k];
      return out;
    },
  };
}
