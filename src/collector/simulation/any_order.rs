//! Steps in any order: the list is renewed, the operator looks at something else, calls fail.
//!
//! Owns the promise that no pod is lost or doubled, whatever happens.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;

use super::world::{Quirk, SimulatedClient, World, namespace, odd, request, truth};
use crate::collector::planned::Fault;
use crate::fleet::Scope;

#[derive(Debug, Clone)]
enum SimulationStep {
    Run(u64),
    Renew(u64),
    RenewContents,
    LookAtPart,
    LookAtOdd,
    LookAtAll,
    Ask,
}

fn act() -> impl Strategy<Value = SimulationStep> {
    prop_oneof![
        4 => (1_u64..900).prop_map(SimulationStep::Run),
        2 => (1_u64..500).prop_map(SimulationStep::Renew),
        1 => Just(SimulationStep::RenewContents),
        1 => Just(SimulationStep::LookAtPart),
        1 => Just(SimulationStep::LookAtOdd),
        1 => Just(SimulationStep::LookAtAll),
        1 => Just(SimulationStep::Ask),
    ]
}

proptest! {
    #![proptest_config(crate::long_tests::cases(48, 192))]

    /// Whatever fails, changes or is shown, the budget holds; once it is quiet, what is known is what there is, no
    /// row lost and none too many. A part that always fails does not keep the rest from that, and what nothing came of is
    /// waited for.
    #[test]
    fn no_row_is_lost_or_doubled(
        pods in 1_u64..3_000,
        limit in 1_u32..9,
        acts in prop::collection::vec(act(), 1..14),
        faults in prop::collection::vec(0_u8..40, 1..80),
        dated in any::<bool>(),
        begins_with_part in any::<bool>(),
        odd_passes in any::<bool>(),
        quirk in prop_oneof![
            3 => Just(Quirk::None), 1 => (1_i64..900).prop_map(Quirk::Replicas), 1 => Just(Quirk::DateOfCall),
            1 => Just(Quirk::Total)],
    ) {
        let mut world = World::of(pods);
        (world.dated, world.quirk) = (dated, quirk);
        if odd_passes {
            world.refuses = Fault::Passing(Duration::from_millis(700));
        }
        let mut asked = request();
        if begins_with_part {
            asked.scope = namespace();
        }
        let mut client = SimulatedClient::that_wants(asked.clone(), limit);
        let mut dice = faults.into_iter().cycle();
        let mut fault = || match dice.next() {
            Some(0) => Some(Fault::Unreachable(Duration::from_millis(300))),
            Some(1..5) => Some(Fault::Passing(Duration::from_millis(700))),
            Some(5) => Some(Fault::Lasting),
            Some(6) => Some(Fault::SignIn),
            _ => None,
        };
        for act in acts {
            match act {
                SimulationStep::Run(seconds) => client.run(&world, client.now + Duration::from_secs(seconds), &mut fault),
                SimulationStep::Renew(seed) => world.renew(seed),
                SimulationStep::RenewContents => world.renew_contents(),
                SimulationStep::LookAtPart => asked.scope = namespace(),
                SimulationStep::LookAtOdd => asked.scope = odd(),
                SimulationStep::LookAtAll => asked.scope = Scope::default(),
                SimulationStep::Ask => asked.asks += 1,
            }
            client.want(asked.clone());
        }
        if client.plan.fleet_scope() != &Scope::default() {
            client.want(request());
        }
        // What is odd holds no living pod back, and when it is over, so are the pods that are gone.
        client.run(&world, client.now + Duration::from_mins(3 * pods.div_ceil(200) * 2 + 40), &mut || None);
        let known: HashSet<u64> = client.rows.keys().copied().collect();
        prop_assert!(world.pods.iter().all(|pod| known.contains(pod)));
        world.quirk = Quirk::None;
        let quiet = client.now;
        client.run(&world, quiet + Duration::from_mins(3 * pods.div_ceil(200) * 2 + 40), &mut || None);
        prop_assert_eq!(client.known(), truth(&world));
        prop_assert!(client.most_calls_in_a_minute() <= limit as usize);
    }
}
