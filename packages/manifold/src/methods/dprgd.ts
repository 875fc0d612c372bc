// Decentralized projected Riemannian gradients, DPRGD, and with gradient tracking DPRGT.
//
//   min (1/N) Σ fᵢ(x),   xᵢ⁺ = P(Σⱼ (Wᵗ)ᵢⱼ xⱼ − α vᵢ),   vᵢ = grad fᵢ(xᵢ), or with tracking
//   vᵢ = T_{xᵢ}(sᵢ),   sᵢ⁺ = Σⱼ (Wᵗ)ᵢⱼ sⱼ + grad fᵢ(xᵢ⁺) − grad fᵢ(xᵢ),
//
// with P the nearest-point projection and T the projection on the tangent space.
//
// Deng, Hu 2023, "Decentralized projected Riemannian gradient method for smooth optimization on compact submanifolds", arXiv:2304.08241, Algorithms 1 and 2.
//
// Deviations:
// 1. Adaptive steps (the default): α = min((1 − σᵗ)/2, (1 − ν)²/4)/L, −ν the least eigenvalue of Wᵗ where it is negative, L the largest Lipschitz constant seen, spread among the
//    agents by maxima. With tracking they are halved where progress ends.
// 2. A trial point at which fᵢ or its gradient isn't finite is rejected by its agent, which halves its α for this step.
//
// Proved (paper): with a fixed step that is small enough, a start near consensus and t large enough, DPRGT comes to stationary points of f as O(1/k), on compact submanifolds; DPRGD
// with a fixed step to a neighbourhood of one, with falling steps to one. Not proved: that the adaptive step is small enough (it is halved until it is), and linear rates.
import type { Vector } from "@hessia/core";
import { type AgentRule, agentSettings, type DecentralizedOptions } from "../decentralized/agent.js";
import { type DecentralizedMethod, decentralizedMethod } from "../decentralized/method.js";
import { nearestInto } from "../decentralized/problem.js";
import type { Manifold } from "../manifold.js";

/**
 * Decentralized projected Riemannian gradients over a network of agents.
 * @throws ArgumentError when an option isn't known or out of range.
 */
export function dprgd(options: DecentralizedOptions = {}): DecentralizedMethod {
  return decentralizedMethod(dprgdRule, agentSettings("dprgd", options));
}

export const dprgdRule: AgentRule = {
  mixesDirections: false,
  moveInto: projectedMoveInto,
  turnInto(direction, _manifold, _x, v) {
    for (let k = 0; k < v.length; k++) direction[k] = -v[k];
  },
};

/** P(x̂ + α η), NaN where there is no nearest point. */
export function projectedMoveInto(
  out: Vector,
  manifold: Manifold,
  _x: Vector,
  heard: Vector,
  direction: Vector,
  α: number,
): void {
  for (let k = 0; k < out.length; k++) out[k] = heard[k] + α * direction[k];
  nearestInto(out, manifold, out);
}
