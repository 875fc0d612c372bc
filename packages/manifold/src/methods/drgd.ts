// Decentralized Riemannian gradients with a retraction, DRDGD (with a stochastic gradient DRSGD), and with gradient tracking DRGTA.
//
//   min (1/N) Σ fᵢ(x),   xᵢ⁺ = R_{xᵢ}(a T_{xᵢ}(Σⱼ (Wᵗ)ᵢⱼ xⱼ) − α vᵢ),   vᵢ = grad fᵢ(xᵢ), or with tracking
//   vᵢ = T_{xᵢ}(sᵢ),   sᵢ⁺ = Σⱼ (Wᵗ)ᵢⱼ sⱼ + grad fᵢ(xᵢ⁺) − grad fᵢ(xᵢ),
//
// with T the projection on the tangent space and R the manifold's retraction: a step towards consensus and one along the gradient at once.
//
// Chen, Garcia, Hong, Shahrampour 2021, "Decentralized Riemannian gradient descent on the Stiefel manifold", ICML, Algorithms 1 and 2 (a is their α, α their β).
//
// Deviations:
// 1. a = 1 always; the theorems want it smaller where t is small.
// 2. T is applied to Σⱼ (Wᵗ)ᵢⱼ xⱼ − xᵢ, which is the same on Stiefel manifolds (T_x x = 0) and right also where x has a tangent part.
// 3. The retraction is the manifold's own (QR by default); the theorems are for the polar one: `stiefel(n, p, { retraction: "polar" })`.
// 4. Adaptive steps and rejected trial points as in dprgd.ts.
//
// Proved (paper): with a fixed step that is small enough, a start near consensus and t large enough, DRGTA comes to stationary points of f as O(1/k); without tracking and with falling
// steps as O(1/√k); with a fixed one to a neighbourhood. Not proved: that the adaptive step is small enough (it is halved until it is), and linear rates.
import { type AgentRule, agentSettings, type DecentralizedOptions } from "../decentralized/agent.js";
import { type DecentralizedMethod, decentralizedMethod } from "../decentralized/method.js";

/**
 * Decentralized Riemannian gradients over a network of agents.
 * @throws ArgumentError when an option isn't known or out of range.
 */
export function drgd(options: DecentralizedOptions = {}): DecentralizedMethod {
  return decentralizedMethod(drgdRule, agentSettings("drgd", options));
}

export const drgdRule: AgentRule = {
  mixesDirections: false,
  moveInto(out, manifold, x, heard, direction, α, u) {
    for (let k = 0; k < x.length; k++) u[k] = heard[k] - x[k];
    manifold.projInto(u, x, u);
    for (let k = 0; k < x.length; k++) u[k] += α * direction[k];
    manifold.retractInto(out, x, u);
  },
  turnInto(direction, _manifold, _x, v) {
    for (let k = 0; k < v.length; k++) direction[k] = -v[k];
  },
};
