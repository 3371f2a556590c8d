/** Nobody has touched the page for a minute: what it then asks for keeps no session alive. */
const IDLE_MS = 60_000;

let lastInput = Date.now();

for (const type of ["pointerdown", "keydown", "wheel", "touchstart"])
  addEventListener(
    type,
    () => {
      lastInput = Date.now();
    },
    { passive: true, capture: true },
  );

export const isIdle = (): boolean => Date.now() - lastInput > IDLE_MS;
