import { type Accessor, createEffect, createSignal, onCleanup, untrack } from "solid-js";

export interface Motion {
  value: number;
  velocity: number;
}

/**
 * One step of a critically damped spring: as quick as it can be without passing its target.
 * Exact for any step length, so a slow frame only looks slow.
 */
export function stepSpring(motion: Motion, target: number, stiffness: number, deltaS: number): Motion {
  const distance = motion.value - target;
  const drift = (motion.velocity + stiffness * distance) * deltaS;
  const decay = Math.exp(-stiffness * deltaS);
  return { value: target + (distance + drift) * decay, velocity: (motion.velocity - stiffness * drift) * decay };
}

/** Follows a target smoothly, frame by frame while it moves; jumps where motion is not wanted. */
export function createSpring(target: Accessor<number>, stiffness = 9): Accessor<number> {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let goal = untrack(target);
  let motion: Motion = { value: goal, velocity: 0 };
  let frame = 0;
  let lastMs = 0;
  const [value, setValue] = createSignal(goal);

  function advance(nowMs: number): void {
    const deltaS = Math.min(0.064, (nowMs - lastMs) / 1000);
    lastMs = nowMs;
    motion = stepSpring(motion, goal, stiffness, deltaS);
    const near = Math.max(0.0005, Math.abs(goal) * 0.0005);
    if (Math.abs(motion.value - goal) < near && Math.abs(motion.velocity) < near * 10) {
      motion = { value: goal, velocity: 0 };
      frame = 0;
    } else {
      frame = requestAnimationFrame(advance);
    }
    setValue(motion.value);
  }

  // A frame has no owner: reading props there would make memos that nobody disposes. So the target is kept in `goal`.
  createEffect(() => {
    goal = target();
    if (still.matches || document.hidden) {
      motion = { value: goal, velocity: 0 };
      setValue(goal);
    } else if (!frame && goal !== motion.value) {
      lastMs = performance.now();
      frame = requestAnimationFrame(advance);
    }
  });
  onCleanup(() => cancelAnimationFrame(frame));
  return value;
}
