import type { GpuInstance, GpuInstanceProfile } from "../../model/facts/mig";

/** The part of a GPU that an instance takes. */
interface Place {
  start: number;
  size: number;
}

export interface NewInstance extends Place {
  profile: GpuInstanceProfile;
}

/** How the desired GPU instances are reached. */
export interface Arrangement {
  /** They exist, and serve as desired ones. */
  kept: GpuInstance[];
  /** They exist, and have to go because a new one needs their place. All others stay, desired or not. */
  destroyed: GpuInstance[];
  /** In the order of creation: larger ones first. */
  created: NewInstance[];
}

interface Request {
  profiles: readonly GpuInstanceProfile[];
  existing: readonly GpuInstance[];
  /** Existing instances that must not be destroyed. */
  isFixed: (instance: GpuInstance) => boolean;
  /** Profile id to the number of instances. */
  desired: ReadonlyMap<number, number>;
}

/**
 * Finds an arrangement that destroys as few instances as possible; null if there is none. It searches, because taking the first free
 * place fails on mixes such as 3g + 2g + 1g, although there is room. At most 12 slices keep the search small.
 */
export function arrange(request: Request): Arrangement | null {
  if (exceedsGpu(request)) return null;
  const free = request.existing.filter((instance) => !request.isFixed(instance));
  for (let limit = 0; limit <= free.length; limit++) {
    const found = new Search(request, free, limit).run();
    if (found) return found;
  }
  return null;
}

/** Returns whether more memory slices are desired than the GPU has; then a search would try all places in vain. */
function exceedsGpu({ profiles, desired }: Request): boolean {
  const slices = Math.max(0, ...profiles.flatMap(({ starts, size }) => starts.map((start) => start + size)));
  return profiles.reduce((sum, { id, size }) => sum + size * (desired.get(id) ?? 0), 0) > slices;
}

const overlap = (one: Place, other: Place): boolean =>
  one.start < other.start + other.size && other.start < one.start + one.size;

/** A search for an arrangement that destroys at most `limit` instances. */
class Search {
  private readonly kept: GpuInstance[] = [];
  private readonly created: NewInstance[] = [];
  /** One profile for each desired instance; larger ones first, since they have the fewest places. */
  private readonly wanted: GpuInstanceProfile[];
  private readonly fixed: GpuInstance[];
  /** Ids of the profiles with media engines. */
  private readonly withMedia: ReadonlySet<number>;

  constructor(
    { profiles, existing, isFixed, desired }: Request,
    private readonly free: readonly GpuInstance[],
    private readonly limit: number,
  ) {
    this.fixed = existing.filter(isFixed);
    this.withMedia = new Set(profiles.filter(({ name }) => name.includes("+me")).map(({ id }) => id));
    this.wanted = [...profiles]
      .sort((one, other) => other.size - one.size || one.id - other.id)
      .flatMap((profile) => Array<GpuInstanceProfile>(desired.get(profile.id) ?? 0).fill(profile));
  }

  run(): Arrangement | null {
    if (!this.placeFrom(0)) return null;
    return { kept: this.kept, destroyed: this.destroyed(), created: this.created };
  }

  /** Places the desired instances from this one on; undoes what does not lead to an arrangement. */
  private placeFrom(next: number): boolean {
    const profile = this.wanted[next];
    if (!profile) return true;
    return (
      this.usable(profile).some((instance) => this.tried(this.kept, instance, next)) ||
      this.places(profile).some((place) => this.tried(this.created, place, next))
    );
  }

  private tried<T>(list: T[], one: T, next: number): boolean {
    list.push(one);
    if (this.destroyed().length <= this.limit && this.placeFrom(next + 1)) return true;
    list.pop();
    return false;
  }

  /** Instances of one profile are alike, so they are tried in one order only: existing ones, each after the one before, then new ones. */
  private usable(profile: GpuInstanceProfile): GpuInstance[] {
    if (this.created.at(-1)?.profile === profile) return [];
    const all = [...this.fixed, ...this.free].filter(({ profileId }) => profileId === profile.id);
    const last = this.kept.at(-1);
    return all
      .slice(last ? all.indexOf(last) + 1 : 0)
      .filter((instance) => !this.created.some((place) => this.excludes(place, instance)));
  }

  /** From the end, as the driver does. Of one profile, each next one starts lower. */
  private places(profile: GpuInstanceProfile): NewInstance[] {
    const last = this.created.at(-1);
    const below = last?.profile === profile ? last.start : Number.POSITIVE_INFINITY;
    const taken = [...this.fixed, ...this.kept, ...this.created];
    if (this.remaining(profile) >= profile.total) return [];
    return [...profile.starts]
      .sort((one, other) => other - one)
      .map((start) => ({ profile, start, size: profile.size }))
      .filter((place) => place.start < below && !taken.some((other) => this.excludes(place, other)));
  }

  /** Returns how many instances of a profile there will be, as far as is decided. */
  private remaining({ id }: GpuInstanceProfile): number {
    const gone = this.destroyed();
    const staying = [...this.fixed, ...this.free].filter((one) => one.profileId === id && !gone.includes(one));
    return staying.length + this.created.filter(({ profile }) => profile.id === id).length;
  }

  /** A GPU has its media engines once, for one instance of any `+me` profile (B106). */
  private excludes({ profile, ...place }: NewInstance, other: GpuInstance | NewInstance): boolean {
    const id = "profile" in other ? other.profile.id : other.profileId;
    return overlap(place, other) || (this.withMedia.has(profile.id) && this.withMedia.has(id));
  }

  private destroyed(): GpuInstance[] {
    return this.free.filter((instance) => this.created.some((place) => this.excludes(place, instance)));
  }
}
