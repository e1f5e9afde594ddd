// A page whose file is fetched when it is first shown, or before: when somebody points at its link.
import { type ComponentType, type LazyExoticComponent, lazy } from "react";

export type LazyPage<Props = object> = LazyExoticComponent<ComponentType<Props>> & {
  /** Has it fetched; what fails is tried again, and told, when it is shown. */
  warm: () => void;
};

export function lazyPage<Props = object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  const warm = () => void load().catch(() => undefined);
  return Object.assign(lazy(load), { warm }) as LazyPage<Props>;
}
